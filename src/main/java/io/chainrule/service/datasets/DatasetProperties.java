package io.chainrule.service.datasets;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * What each owner may store, and where it is.
 *
 * @param uploadBytes the longest file that is taken
 * @param bytes of all files of one owner, those that were replaced or deleted but are not yet removed included
 * @param count of all data sets of one owner, counted alike
 * @param checkTime how long the rows of a file may be read once it has come
 * @param keepReplaced the least time for which data sets stay after they were replaced or deleted
 * @param directory where files are kept; replicas that share a database have to share it; null for a folder of the data directory
 * @param roots the URLs below which clients may name files that are there already; none by default
 */
@Validated
@ConfigurationProperties("chainrule.datasets")
public record DatasetProperties(@Positive @DefaultValue("10737418240") long uploadBytes, @Positive @DefaultValue("21474836480") long bytes,
        @Positive @DefaultValue("1000") int count, @NotNull @DurationMin @DefaultValue("10m") Duration checkTime,
        @NotNull @DurationMin @DefaultValue("1d") Duration keepReplaced, @Nullable Path directory, @DefaultValue List<String> roots) {}
