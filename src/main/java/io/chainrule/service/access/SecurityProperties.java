package io.chainrule.service.access;

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
 * Who may use the service.
 *
 * @param mode how clients say who they are
 * @param hosts names under which an open service is called, beside {@code localhost}; unless set, any, if other machines reach it
 * @param firstKeyFile a file with a key of all scopes, as a mounted secret is; without it the service writes one
 * @param keyCache for so long a key that was found is not looked up again
 * @param wrongKeys how many wrong keys, or tokens, an address may send in a minute
 */
@Validated
@ConfigurationProperties("chainrule.security")
public record SecurityProperties(@DefaultValue("open") SecurityMode mode, @DefaultValue List<String> hosts, @Nullable Path firstKeyFile,
        @NotNull @DurationMin @DefaultValue("10s") Duration keyCache, @Positive @DefaultValue("60") int wrongKeys) {}
