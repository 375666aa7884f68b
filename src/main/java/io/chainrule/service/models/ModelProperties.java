package io.chainrule.service.models;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * What each owner may store.
 *
 * @param versions of all of its models, those that are deleted but not yet removed included
 * @param bytes of all these versions, each with all that it keeps, also where versions share it
 * @param aliases of one model
 * @param uploadBytes the longest file of a model that is taken
 * @param keepDeleted for how long deleted versions can be brought back
 */
@Validated
@ConfigurationProperties("chainrule.models")
public record ModelProperties(@Positive @DefaultValue("10000") int versions, @Positive @DefaultValue("2147483648") long bytes,
        @Positive @DefaultValue("100") int aliases, @Positive @DefaultValue("1073741824") long uploadBytes,
        @NotNull @DurationMin @DefaultValue("30d") Duration keepDeleted) {}
