package io.chainrule.web.v1.keys;

import io.chainrule.service.access.ApiKeys;
import io.chainrule.service.access.Quotas;
import io.chainrule.service.access.Scope;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds all that is wrong with a request for a key. */
final class KeyMapper {
    private static final int LONGEST_OWNER = 100;
    /** RFC 3339 has years of four digits. */
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");
    private static final String SCOPES = Arrays.stream(Scope.values()).map(Scope::text).collect(Collectors.joining(", "));

    private final List<ErrorDetail> errors = new ArrayList<>();

    private KeyMapper() {}

    static ApiKeys.Wish wish(KeyRequest request) {
        KeyMapper mapper = new KeyMapper();
        String owner = mapper.owner(request.owner());
        Set<Scope> scopes = mapper.scopes(request.scopes());
        Instant expiresAt = mapper.time(request.expiresAt());
        KeyQuotas quotas = Objects.requireNonNullElse(request.quotas(), new KeyQuotas(null, null, null, null));
        mapper.checkQuotas(quotas);
        if (!mapper.errors.isEmpty()) {
            throw new RequestException(mapper.errors);
        }
        return new ApiKeys.Wish(owner, scopes, expiresAt, quotas.ownQuotas());
    }

    private void error(String pointer, String message, String expected, @Nullable Object actual) {
        errors.add(
                ErrorDetail.of(ProblemType.INVALID_VALUE, message).at(pointer).expected(expected, actual == null ? "none" : actual + ""));
    }

    private String owner(@Nullable String owner) {
        if (owner == null || owner.isBlank() || owner.length() > LONGEST_OWNER || owner.codePoints().anyMatch(KeyMapper::isNoCharacter)) {
            error("/owner", owner == null || owner.isBlank()
                    ? "'owner' is missing"
                    : owner.length() > LONGEST_OWNER ? "'owner' is too long" : "'owner' has a character that no text may have",
                    "1 to " + LONGEST_OWNER + " characters, none of control", owner == null ? null : owner.length() + " characters");
            return "";
        }
        return owner;
    }

    /** Control characters, and unpaired surrogates, which UTF-8 cannot encode. */
    private static boolean isNoCharacter(int codePoint) {
        return Character.isISOControl(codePoint) || Character.getType(codePoint) == Character.SURROGATE;
    }

    private Set<Scope> scopes(@Nullable List<String> texts) {
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        if (texts == null || texts.isEmpty()) {
            error("/scopes", texts == null ? "'scopes' is missing" : "'scopes' is empty", "some of " + SCOPES, null);
            return scopes;
        }
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i);
            int at = i;
            Scope.of(String.valueOf(text)).ifPresentOrElse(scopes::add,
                    () -> error("/scopes/" + at, "there is no scope '" + text + "'", "one of " + SCOPES, text));
        }
        return scopes;
    }

    private @Nullable Instant time(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            Instant time = OffsetDateTime.parse(text).toInstant();
            if (!time.isAfter(Instant.now())) {
                error("/expires_at", "the key would have ended already", "a time that is to come", text);
            } else if (time.isAfter(LATEST)) {
                error("/expires_at", "'expires_at' is later than databases can keep", "a time until " + LATEST, text);
            } else {
                return time;
            }
        } catch (DateTimeException _) {
            error("/expires_at", "'expires_at' is no time", "a time as 2030-01-31T00:00:00Z", text);
        }
        return null;
    }

    private void checkQuotas(KeyQuotas quotas) {
        checkQuota("requests", quotas.requests(), Quotas.MOST);
        checkQuota("compute_seconds", quotas.computeSeconds(), Quotas.MOST_SECONDS);
        checkQuota("bytes", quotas.bytes(), Quotas.MOST);
        checkQuota("trainings", quotas.trainings(), Integer.MAX_VALUE);
    }

    private void checkQuota(String name, @Nullable Number value, long most) {
        if (value != null && (value.longValue() < 0 || value.longValue() > most)) {
            error("/quotas/" + name, "'" + name + "' is out of range", "0 for any amount, or up to " + most, value);
        }
    }
}
