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

    /**
     * Locks the keys that can make keys, until the transaction ends. Without this lock two transactions that revoke each other's keys would
     * both see the other key as it was before. All lock in the order of ids, so that none waits for one that waits for it.
     */
    @Query("select id from api_key where revoked_at is null and scopes like '%admin%' order by id for update")
    List<String> lockAdmins();

    /** Revokes a key unless it is the last that can make keys. {@link #lockAdmins} has to be called before, in the same transaction. */
    @Modifying
    @Query("""
            update api_key set revoked_at = :now where id = :id and revoked_at is null
            and (scopes not like '%admin%' or expires_at <= :now or exists (select 1 from api_key other where other.id <> :id
            and other.revoked_at is null and (other.expires_at is null or other.expires_at > :now) and other.scopes like '%admin%'))""")
    int revoke(String id, Instant now);
}
