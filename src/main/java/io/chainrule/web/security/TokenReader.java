package io.chainrule.web.security;

import java.util.stream.Stream;
import org.springframework.core.convert.converter.Converter;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;
import org.springframework.security.oauth2.server.resource.authentication.JwtGrantedAuthoritiesConverter;

/**
 * Reads from a token whose signature is right who sends it, and what it allows. Tokens of programs may name a client in place of a
 * subject. A token without an expiry (claim exp) is refused, because anyone who found it could use it for ever.
 */
final class TokenReader implements Converter<Jwt, AbstractAuthenticationToken> {
    private final JwtGrantedAuthoritiesConverter scopes = new JwtGrantedAuthoritiesConverter();
    private final WrongKeys wrong;

    TokenReader(WrongKeys wrong) {
        this.wrong = wrong;
    }

    @Override
    public AbstractAuthenticationToken convert(Jwt token) {
        if (!token.hasClaim(JwtClaimNames.EXP)) {
            throw new InvalidBearerTokenException("the token does not say when it ends (claim exp)");
        }
        String name = Stream.of(JwtClaimNames.SUB, "client_id", "azp").filter(token::hasClaim).map(token::getClaimAsString).findFirst()
                .orElseThrow(() -> new InvalidBearerTokenException("the token says of nobody that it is theirs (claim sub)"));
        wrong.noteRight(token.getTokenValue());
        return new JwtAuthenticationToken(token, scopes.convert(token), name);
    }
}
