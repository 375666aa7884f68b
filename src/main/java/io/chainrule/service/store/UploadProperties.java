package io.chainrule.service.store;

import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Bodies that are kept on the disk while they arrive.
 *
 * @param atOnce how many arrive, or have arrived and are not stored yet, at the same time; one client has at most half of these places
 * @param keepFree so many bytes of each disk that files are written to stay free
 */
@Validated
@ConfigurationProperties("chainrule.uploads")
public record UploadProperties(@Positive @DefaultValue("8") int atOnce, @PositiveOrZero @DefaultValue("1073741824") long keepFree) {}
