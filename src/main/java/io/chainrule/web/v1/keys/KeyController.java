package io.chainrule.web.v1.keys;

import io.chainrule.service.access.ApiKey;
import io.chainrule.service.access.ApiKeys;
import io.chainrule.service.access.SecurityMode;
import io.chainrule.service.jobs.JobService;
import io.chainrule.web.http.AuditLog;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.Problems;
import io.chainrule.web.problem.RequestException;
import io.chainrule.web.security.ForMode;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.util.Map;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Makes, shows and revokes keys. */
@Tag(name = "Keys")
@RestController
@ForMode(SecurityMode.API_KEY)
@RequestMapping(path = KeyController.PATH, produces = MediaType.APPLICATION_JSON_VALUE)
class KeyController {
    static final String PATH = "/v1/keys";

    private final ApiKeys keys;
    private final JobService jobs;

    KeyController(ApiKeys keys, JobService jobs) {
        this.keys = keys;
        this.jobs = jobs;
    }

    @Operation(operationId = "makeKey", summary = "A new key",
            description = "The answer has the key itself, which is told this once. It is sent as `Authorization: Bearer …`.")
    @ResponseStatus(HttpStatus.CREATED)
    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<KeyResponse> make(@RequestBody KeyRequest request, HttpServletRequest exchange) {
        ApiKeys.Issued issued = keys.issue(KeyMapper.wish(request));
        ApiKey key = issued.key();
        AuditLog.event(exchange, "key-made", Map.of("key", key.id(), "scopes", key.scopes()));
        URI address = URI.create(Problems.base(exchange) + PATH + "/" + key.id());
        return ResponseEntity.created(address).cacheControl(CacheControl.noStore()).body(KeyResponse.of(key, issued.secret()));
    }

    @Operation(operationId = "keys", summary = "All keys", description = "Also those that are revoked or have ended; the oldest first.")
    @GetMapping
    KeysResponse all() {
        return new KeysResponse(keys.all().stream().map(key -> KeyResponse.of(key, null)).toList());
    }

    @Operation(operationId = "key", summary = "One key", description = "By its id.")
    @GetMapping("/{id}")
    KeyResponse one(@PathVariable String id) {
        return KeyResponse.of(find(id), null);
    }

    @Operation(operationId = "revokeKey", summary = "Revokes a key",
            description = "It is not taken any more: at once by this replica, and by others after `chainrule.security.key-cache`. Jobs that "
                    + "were sent with it are cancelled. The last key of scope `admin` stays.")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @DeleteMapping("/{id}")
    void revoke(@PathVariable String id, HttpServletRequest exchange) {
        ApiKey key = find(id);
        if (!keys.revoke(key)) {
            throw new RequestException(
                    ErrorDetail.of(ProblemType.CONFLICT, "no other key has the scope admin, so that nobody could make keys")
                            .hint("make another key of scope admin first"));
        }
        AuditLog.event(exchange, "key-revoked", Map.of("key", key.id()));
        jobs.cancelAll(key.client());
    }

    private ApiKey find(String id) {
        return keys.find(id).orElseThrow(() -> new RequestException(
                ErrorDetail.of(ProblemType.NOT_FOUND, "there is no key of this id").hint("GET " + PATH + " lists all")));
    }
}
