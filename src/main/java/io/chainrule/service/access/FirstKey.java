package io.chainrule.service.access;

import io.chainrule.service.store.OwnerOnly;
import io.chainrule.service.store.Store;
import io.chainrule.service.store.StoreProperties;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Component;

/**
 * The key with which the first others are made. It is what {@code chainrule.security.first-key-file} holds; without that file, and while no
 * key may make others, one is written into the data directory. It is never logged.
 */
@Component
public class FirstKey {
    private static final Logger LOG = LoggerFactory.getLogger(FirstKey.class);
    private static final String NAME = "first-key";
    private static final String OWNER = "first key";
    private static final int SHORTEST = 32;
    private static final int ID_LENGTH = 12;
    /** Ids of the keys that services wrote begin so, and go on with how many there were before. */
    private static final String WRITTEN = "first-";

    private final ApiKeys keys;
    private final SecurityProperties security;
    private final StoreProperties properties;
    private final Store store;

    FirstKey(ApiKeys keys, SecurityProperties security, StoreProperties properties, Store store) {
        this.keys = keys;
        this.security = security;
        this.properties = properties;
        this.store = store;
    }

    /** Sees to it that there is a first key. Throws if the mounted one cannot be used, or if the store is not available. */
    public void prepare() {
        Path mounted = security.firstKeyFile();
        if (mounted != null) {
            keep(read(mounted));
        } else {
            List<ApiKey> known = keys.all();
            if (!ApiKeys.haveAdmin(known)) {
                write(WRITTEN + known.stream().filter(key -> key.id().startsWith(WRITTEN)).count());
            }
        }
    }

    private static String read(Path file) {
        try {
            String key = Files.readString(file).strip();
            if (key.length() < SHORTEST || !key.matches("[\\x21-\\x7e]+")) {
                throw new IllegalStateException("chainrule.security.first-key-file: " + file + " must hold one key of at least " + SHORTEST
                        + " ASCII characters without spaces, such as `openssl rand -hex 32` makes; it holds " + key.length()
                        + " characters");
            }
            return key;
        } catch (NoSuchFileException e) {
            throw new IllegalStateException("chainrule.security.first-key-file: there is no file " + file, e);
        } catch (IOException e) {
            throw new IllegalStateException("chainrule.security.first-key-file: " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** A key that was revoked stays so, though the file still holds it. */
    private void keep(String secret) {
        warnOfOthers(keys.bySecret(secret).map(ApiKey::id).orElseGet(() -> insert(secret)));
    }

    private String insert(String secret) {
        String id = idOfMounted(ApiKeys.hash(secret));
        try {
            insert(id, secret);
        } catch (DuplicateKeyException _) {
            LOG.debug("Another replica has kept the first key");
        }
        return id;
    }

    /** Whoever changes the mounted key may think that the one before is not taken any more. It is not revoked here: others may use it. */
    private void warnOfOthers(String mounted) {
        Instant now = Instant.now();
        String ids = keys.all().stream().filter(key -> isFirst(key) && !key.id().equals(mounted) && key.isUsable(now)).map(ApiKey::id)
                .collect(Collectors.joining(", "));
        if (!ids.isEmpty()) {
            LOG.warn("Earlier first keys are still taken, with all scopes: {}; revoke those that nobody is to use any more", ids);
        }
    }

    /** The ids of other keys are random. */
    private static boolean isFirst(ApiKey key) {
        return key.id().startsWith(WRITTEN) || key.hash().startsWith(key.id());
    }

    private static String idOfMounted(String hash) {
        return hash.substring(0, ID_LENGTH);
    }

    /**
     * Replicas that find no key at the same time write the same id, which the database takes from one of them. The file is written before
     * the key is valid, so that no key is valid that nobody knows; and only by the one whose key will be, since they may share the folder.
     */
    private void write(String id) {
        String secret = keys.newSecret();
        Path file = properties.folder().resolve(NAME);
        try {
            store.withTransaction(() -> {
                insert(id, secret);
                return write(file, secret);
            });
            LOG.info("The first key, with which others are made, is in {}", file);
        } catch (DuplicateKeyException _) {
            LOG.info("Another replica has made the first key meanwhile, and wrote it into its own data directory");
        }
    }

    private Path write(Path file, String secret) {
        try {
            OwnerOnly.makeFolder(properties.folder());
            return Files.move(create(file, secret), file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("the first key cannot be written to " + file + ": " + e.getMessage(), e);
        }
    }

    private static Path create(Path file, String secret) throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + "." + ProcessHandle.current().pid());
        Files.deleteIfExists(beside);
        OwnerOnly.makeFile(beside);
        return Files.writeString(beside, secret + "\n", StandardOpenOption.WRITE);
    }

    private void insert(String id, String secret) {
        keys.insert(id, secret, new ApiKeys.Wish(OWNER, EnumSet.allOf(Scope.class), null, ApiKeys.OwnQuotas.STANDARD));
    }
}
