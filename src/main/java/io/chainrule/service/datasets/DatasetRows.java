package io.chainrule.service.datasets;

import io.chainrule.service.store.UnusedDigests;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The tables of data sets. Whoever calls this does so within the store. */
@Component
class DatasetRows {
    /** The most characters of a layout in JSON; H2 limits a value to 1 MiB. */
    static final int LONGEST_LAYOUT = 1_000_000;

    private static final String COLUMNS = "select owner, name, version, format, location, digest, bytes, row_count, created_at from dataset ";
    private static final String UNUSED = "not exists (select 1 from dataset d where d.digest = dataset_file.digest "
            + "and d.location is null)";
    private static final String CURRENT = "where owner = :owner and name = :name and replaced_at is null";

    private final JdbcClient database;

    DatasetRows(JdbcClient database) {
        this.database = database;
    }

    /** Stands for all data sets of an owner, since no data set has this name. */
    private static final String ALL = "";

    private JdbcClient.StatementSpec sql(String sql, String owner, String name) {
        return database.sql(sql).param("owner", owner).param("name", name);
    }

    private static Dataset dataset(ResultSet row, int number) throws SQLException {
        return new Dataset(row.getString("owner"), row.getString("name"), row.getInt("version"),
                DatasetFormat.named(row.getString("format")),
                row.getString("location"), row.getString("digest"), row.getLong("bytes"), row.getLong("row_count"),
                row.getTimestamp("created_at").toInstant());
    }

    /**
     * The number of what is stored next under a name. Until the transaction ends, others that ask for it wait. Throws
     * {@link org.springframework.dao.DuplicateKeyException} if another transaction has just made the name.
     */
    int next(String owner, String name) {
        if (sql("update dataset_name set versions = versions + 1 where owner = :owner and name = :name", owner, name).update() == 0) {
            sql("insert into dataset_name (owner, name, versions) values (:owner, :name, 1)", owner, name).update();
        }
        return sql("select versions from dataset_name where owner = :owner and name = :name", owner, name).query(Integer.class).single();
    }

    /**
     * Locks a name until the transaction ends, so that others who would change it wait. Later reads in the transaction see what others
     * committed before.
     */
    void lock(String owner, String name) {
        sql("select versions from dataset_name where owner = :owner and name = :name for update", owner, name).query(Integer.class)
                .optional();
    }

    /** Has others that would store something for an owner wait until the transaction ends. Throws as {@link #next}. */
    void claimOwner(String owner) {
        next(owner, ALL);
    }

    Optional<Dataset> find(String owner, String name) {
        return sql(COLUMNS + CURRENT, owner, name).query(DatasetRows::dataset).optional();
    }

    /** What was stored under a number, also if it has been replaced since. */
    Optional<Dataset> find(String owner, String name, int version) {
        return sql(COLUMNS + "where owner = :owner and name = :name and version = :version", owner, name).param("version", version)
                .query(DatasetRows::dataset).optional();
    }

    /** The data sets of an owner whose names begin so, in the order of names, those after {@code after}. */
    List<Dataset> all(String owner, String beginning, String after, int most) {
        return database.sql(COLUMNS + "where owner = :owner and replaced_at is null and name like :beginning escape '!' and name > :after "
                + "order by name limit :most").param("owner", owner)
                .param("beginning", beginning.replace("_", "!_") + "%").param("after", after).param("most", most)
                .query(DatasetRows::dataset).list();
    }

    /** The layout in JSON. */
    String layout(Dataset dataset) {
        return sql("select layout from dataset where owner = :owner and name = :name and version = :version", dataset.owner(),
                dataset.name()).param("version", dataset.version()).query(String.class).single();
    }

    void insert(Dataset dataset, String layout) {
        sql("insert into dataset (owner, name, version, format, location, digest, bytes, row_count, layout, created_at, used_at) values "
                + "(:owner, :name, :version, :format, :location, :digest, :bytes, :rows, :layout, :created, :created)", dataset.owner(),
                dataset.name()).param("version", dataset.version()).param("format", dataset.format().text())
                .param("location", dataset.location()).param("digest", dataset.sha256()).param("bytes", dataset.bytes())
                .param("rows", dataset.rows()).param("layout", layout).param("created", Timestamp.from(dataset.createdAt())).update();
    }

    /** Marks what a name stands for as replaced; returns whether there was something. */
    boolean replace(String owner, String name, Instant at) {
        return sql("update dataset set replaced_at = :at, used_at = case when used_at > :at then used_at else :at end " + CURRENT, owner,
                name).param("at", Timestamp.from(at))
                .update() > 0;
    }

    /** Notes that a data set is read now, so that it stays. */
    void use(String owner, String name, int version, Instant at) {
        sql("update dataset set used_at = greatest(used_at, :at) where owner = :owner and name = :name and version = :version", owner, name)
                .param("version", version).param("at", Timestamp.from(at)).update();
    }

    /** What an owner has stored, and how many bytes of it the service keeps. */
    Usage usage(String owner) {
        return database.sql("select count(*), coalesce(sum(case when location is null then bytes else 0 end), 0) from dataset "
                + "where owner = :owner").param("owner", owner).query((row, _) -> new Usage(row.getInt(1), row.getLong(2))).single();
    }

    record Usage(int count, long bytes) {}

    /** The data sets that were replaced or deleted, and that nobody has used since a time. Replacing a data set counts as a use of it. */
    List<Dataset> replaced(Instant since, int most) {
        return database.sql(COLUMNS + "where replaced_at < :since and used_at < :since order by replaced_at limit :most")
                .param("since", Timestamp.from(since)).param("most", most).query(DatasetRows::dataset).list();
    }

    /** Removes what was replaced or deleted unless somebody has used it since a time. */
    void removeReplaced(Dataset dataset, Instant since) {
        sql("delete from dataset where owner = :owner and name = :name and version = :version and replaced_at is not null "
                + "and used_at < :since", dataset.owner(), dataset.name()).param("version", dataset.version())
                .param("since", Timestamp.from(since)).update();
    }

    /** Claims a file until the transaction ends, so that nobody removes it, and notes that it is used. */
    void claim(String digest, Instant at) {
        if (database.sql("update dataset_file set used_at = :at where digest = :digest").param("at", Timestamp.from(at))
                .param("digest", digest).update() == 0) {
            database.sql("insert into dataset_file (digest, used_at) values (:digest, :at)").param("digest", digest)
                    .param("at", Timestamp.from(at)).update();
        }
    }

    /** The digests of files that no data set needs. */
    UnusedDigests unused() {
        return new UnusedDigests(database, "dataset_file", UNUSED);
    }

    /** Forgets a file unless a data set needs it; until the transaction ends nobody else can claim it. Returns whether it did. */
    boolean forget(String digest) {
        // A statement sees what was committed before it began: this one waits for whoever claims the file, the next sees what they did.
        database.sql("update dataset_file set used_at = used_at where digest = :digest").param("digest", digest).update();
        return database.sql("delete from dataset_file where digest = :digest and " + UNUSED).param("digest", digest).update() > 0;
    }

    /** Whether there is any file. */
    boolean isAnyKnown() {
        return database.sql("select 1 from dataset_file limit 1").query(Integer.class).optional().isPresent();
    }

    boolean isKnown(String digest) {
        return database.sql("select count(*) from dataset_file where digest = :digest").param("digest", digest).query(Integer.class)
                .single() > 0;
    }
}
