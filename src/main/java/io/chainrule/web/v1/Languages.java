package io.chainrule.web.v1;

import io.chainrule.core.language.Language;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.context.request.ServletWebRequest;

/** The language of an answer that speaks in sentences. */
public final class Languages {
    private Languages() {}

    /** The language that is asked for, else the one that the client prefers. */
    public static Language of(@Nullable Language asked, HttpServletRequest request) {
        return asked == null ? preferred(request) : asked;
    }

    /** The language that a client prefers; English if it names none of ours. */
    public static Language preferred(HttpServletRequest request) {
        return preferred(request.getHeader(HttpHeaders.ACCEPT_LANGUAGE));
    }

    static Language preferred(@Nullable String acceptLanguage) {
        if (acceptLanguage == null) {
            return Language.EN;
        }
        try {
            List<Locale.LanguageRange> ranges = Locale.LanguageRange.parse(acceptLanguage);
            String tag = Locale.lookupTag(ranges, Arrays.stream(Language.values()).map(Language::tag).toList());
            return Arrays.stream(Language.values()).filter(language -> language.tag().equals(tag)).findFirst().orElse(Language.EN);
        } catch (IllegalArgumentException _) {
            return Language.EN;
        }
    }

    /** What an answer of a link says of its language, whether it has a body or not. */
    public static HttpHeaders headers(Language language) {
        HttpHeaders headers = new HttpHeaders();
        headers.set(HttpHeaders.CONTENT_LANGUAGE, language.tag());
        headers.setVary(List.of(HttpHeaders.ACCEPT_LANGUAGE));
        return headers;
    }

    /** An answer in a language; {@code varying} are the headers of the request that it depends on. */
    public static ResponseEntity.BodyBuilder spoken(Language language, String... varying) {
        return ResponseEntity.ok().header(HttpHeaders.CONTENT_LANGUAGE, language.tag()).header(HttpHeaders.VARY, varying);
    }

    /**
     * Sets the headers of an answer in a language. Controllers use it for plain records, which cost Spring less than a {@link
     * ResponseEntity}.
     */
    static void tell(Language language, ServletWebRequest exchange) {
        HttpServletResponse response = Objects.requireNonNull(exchange.getResponse());
        response.setHeader(HttpHeaders.CONTENT_LANGUAGE, language.tag());
        response.addHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT_LANGUAGE);
    }
}
