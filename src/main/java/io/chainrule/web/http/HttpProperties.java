package io.chainrule.web.http;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How slow clients may be. They hold a connection and what they have sent, or have yet to read, but no core.
 *
 * @param bodyTime how long a client may take to send a body
 * @param answerTime how long a client may take to read an answer
 * @param minimumRate the bytes a second that a client must send, or read, after {@code grace}
 * @param grace for so long a client may be slower
 * @param connectionsPerAddress the most connections from one address; 0 for any number, as behind a proxy
 */
@Validated
@ConfigurationProperties("chainrule.http")
public record HttpProperties(@NotNull @DefaultValue("60s") Duration bodyTime, @NotNull @DefaultValue("120s") Duration answerTime,
        @Positive @DefaultValue("10000") long minimumRate, @NotNull @DefaultValue("5s") Duration grace,
        @PositiveOrZero @DefaultValue("500") int connectionsPerAddress) {}
