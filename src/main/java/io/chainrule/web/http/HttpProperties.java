package io.chainrule.web.http;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How slowly clients may send and read. A slow client holds a connection, and the memory of its body or its answer, but no core.
 *
 * @param headTime how long a client may take to send the head of a request
 * @param bodyTime how long a client may take to send a body
 * @param answerTime how long a client may take to read an answer
 * @param minimumRate the least rate, in bytes a second, at which a client must send or read after {@code grace}
 * @param grace for so long a client may be slower; of a file so long behind, at any time
 * @param connectionsPerAddress the most connections from one address; 0 for any number, as behind a proxy
 */
@Validated
@ConfigurationProperties("chainrule.http")
public record HttpProperties(@NotNull @DurationMin(inclusive = false) @DefaultValue("20s") Duration headTime,
        @NotNull @DurationMin(inclusive = false) @DefaultValue("60s") Duration bodyTime,
        @NotNull @DurationMin(inclusive = false) @DefaultValue("120s") Duration answerTime,
        @Positive @DefaultValue("10000") long minimumRate, @NotNull @DurationMin @DefaultValue("5s") Duration grace,
        @PositiveOrZero @DefaultValue("500") int connectionsPerAddress) {}
