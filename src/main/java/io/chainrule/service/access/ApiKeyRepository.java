package io.chainrule.service.access;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.data.jdbc.repository.query.Modifying;
import org.springframework.data.jdbc.repository.query.Query;
import org.springframework.data.repository.Repository;

/** The table of keys. Rows are inserted by the template, since the ids are given. */
interface ApiKeyRepository extends Repository<ApiKey, String> {
    Optional<ApiKey> findById(String id);

    Optional<ApiKey> findByHash(String hash);

    List<ApiKey> findAllByOrderByCreatedAtAscIdAsc();

    @Modifying
    @Query("update api_key set revoked_at = :now where id = :id and revoked_at is null")
    int revoke(String id, Instant now);
}
