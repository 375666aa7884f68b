package io.chainrule.service.models;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The tables of models. Whoever calls this does so within the store. */
@Component
class ModelRows {
    private static final String COLUMNS = "select v.name, v.version, v.digest, v.bytes, v.description, v.licence, v.tags, v.created_at, "
            + "v.deleted_at ";

    /** Stands for all models of an owner, since no model has this name. */
    private static final String ALL = "";

    private static final int CONTENTS_AT_ONCE = 1_000;

    private final JdbcClient database;

    ModelRows(JdbcClient database) {
        this.database = database;
    }

    private JdbcClient.StatementSpec sql(String sql, String owner, String name) {
        return database.sql(sql).param("owner", owner).param("name", name);
    }

    private static ModelVersion version(ResultSet row, int number) throws SQLException {
        Timestamp deleted = row.getTimestamp("deleted_at");
        String tags = row.getString("tags").strip();
        return new ModelVersion(row.getString("name"), row.getInt("version"), row.getString("digest"), row.getLong("bytes"),
                row.getString("description"), row.getString("licence"), tags.isEmpty() ? List.of() : Arrays.asList(tags.split(" ", -1)),
                row.getTimestamp("created_at").toInstant(), deleted == null ? null : deleted.toInstant());
    }

    /**
     * The number of a new version. Until the transaction ends, others that ask for a number of this model wait. Throws
     * {@link org.springframework.dao.DuplicateKeyException} if another transaction has just made the model.
     */
    int next(String owner, String name) {
        if (sql("update model set versions = versions + 1 where owner = :owner and name = :name", owner, name).update() == 0) {
            sql("insert into model (owner, name, versions) values (:owner, :name, 1)", owner, name).update();
        }
        return sql("select versions from model where owner = :owner and name = :name", owner, name).query(Integer.class).single();
    }

    /**
     * Has others that would change a model, or its aliases, wait until the transaction ends. Later reads in the transaction see what
     * others committed before.
     */
    void lock(String owner, String name) {
        sql("select versions from model where owner = :owner and name = :name for update", owner, name).query(Integer.class).optional();
    }

    /** Has others that would store something for an owner wait until the transaction ends. Throws as {@link #next}. */
    void claimOwner(String owner) {
        next(owner, ALL);
    }

    /** Takes back a number that no version got. */
    void giveBack(String owner, String name) {
        sql("update model set versions = versions - 1 where owner = :owner and name = :name", owner, name).update();
    }

    /** The newest version of a model, deleted or not. */
    Optional<ModelVersion> newest(String owner, String name) {
        return sql(COLUMNS + "from model_version v where owner = :owner and name = :name order by version desc limit 1", owner, name)
                .query(ModelRows::version).optional();
    }

    /** The version of a number, deleted or not. */
    Optional<ModelVersion> numbered(String owner, ModelName asked) {
        return sql(COLUMNS + "from model_version v where owner = :owner and name = :name and version = :version", owner, asked.name())
                .param("version", asked.version()).query(ModelRows::version).optional();
    }

    /** The version that a reference means, unless it is deleted. */
    Optional<ModelVersion> find(String owner, ModelName asked) {
        return asked.alias() == null
                ? numbered(owner, asked).filter(version -> version.deletedAt() == null)
                : sql(COLUMNS
                        + "from model_version v join model_alias a on a.owner = v.owner and a.name = v.name and a.version = v.version "
                        + "where v.owner = :owner and v.name = :name and a.alias = :alias and v.deleted_at is null", owner, asked.name())
                        .param("alias", asked.alias()).query(ModelRows::version).optional();
    }

    /** Returns the versions that the alias {@code latest} names in the models of these names. There must be at least one name. */
    List<ModelVersion> latest(String owner, Collection<String> names) {
        return database.sql(COLUMNS + "from model_version v join model_alias a on a.owner = v.owner and a.name = v.name "
                + "and a.version = v.version where v.owner = :owner and a.alias = :latest and v.deleted_at is null and v.name in (:names)")
                .param("latest", ModelName.LATEST).param("owner", owner).param("names", names).query(ModelRows::version).list();
    }

    /** The newest version that is not deleted. */
    Optional<Integer> newestAlive(String owner, String name) {
        return sql("select max(version) from model_version where owner = :owner and name = :name and deleted_at is null", owner, name)
                .query((row, _) -> row.getInt(1)).optional().filter(version -> version > 0);
    }

    /** The versions of a model, the newest first. */
    List<ModelVersion> versions(String owner, String name, int before, int most) {
        return sql(COLUMNS + "from model_version v where owner = :owner and name = :name and version < :before order by version desc "
                + "limit :most", owner, name).param("before", before).param("most", most).query(ModelRows::version).list();
    }

    /**
     * Returns what a reference means if that has been deleted: the name of the model if all of its versions are deleted; else its name and
     * the version that the reference has or its alias names.
     */
    Optional<String> deleted(String owner, ModelName asked) {
        if (ModelName.LATEST.equals(asked.alias())) {
            return newestAlive(owner, asked.name()).isPresent() ? Optional.empty() : newest(owner, asked.name()).map(ModelVersion::name);
        }
        return (asked.alias() == null
                ? numbered(owner, asked)
                : Optional.ofNullable(aliases(owner, asked.name()).get(asked.alias()))
                        .flatMap(version -> numbered(owner, new ModelName(asked.name(), version, null))))
                .filter(version -> version.deletedAt() != null).map(version -> version.name() + ":" + version.version());
    }

    /**
     * One version of each model of an owner, in the order of names, those after {@code after}: what the alias {@code latest} names or, of
     * models of which all versions are deleted, the newest version.
     *
     * @param isDeleted whether models are asked for of which all versions are deleted, and no others
     * @param tag only models that have this tag; null for all
     * @param licence only models that have this licence; null for all
     */
    List<ModelVersion> all(String owner, boolean isDeleted, String beginning, @Nullable String tag, @Nullable String licence, String after,
            int most) {
        return database.sql(COLUMNS + "from model_version v " + (isDeleted
                ? "where v.owner = :owner and (v.name, v.version) in (select o.name, max(o.version) from model_version o "
                        + "where o.owner = :owner group by o.name having count(*) = count(o.deleted_at)) "
                : "join model_alias a on a.owner = v.owner and a.name = v.name and a.version = v.version "
                        + "where v.owner = :owner and a.alias = '" + ModelName.LATEST + "' and v.deleted_at is null ")
                + "and v.name like :beginning escape '!' and v.tags like :tag escape '!' "
                + "and coalesce(v.licence, '') like :licence escape '!' and v.name > :after order by v.name limit :most")
                .param("owner", owner).param("beginning", escaped(beginning) + "%")
                .param("tag", tag == null ? "%" : "% " + escaped(tag) + " %").param("licence", licence == null ? "%" : escaped(licence))
                .param("after", after).param("most", most)
                .query(ModelRows::version).list();
    }

    private static String escaped(String text) {
        return text.replace("!", "!!").replace("_", "!_").replace("%", "!%");
    }

    void insert(String owner, ModelVersion version) {
        sql("insert into model_version (owner, name, version, digest, bytes, description, licence, tags, created_at) "
                + "values (:owner, :name, :version, :digest, :bytes, :description, :licence, :tags, :created)", owner, version.name())
                .param("version", version.version()).param("digest", version.digest()).param("bytes", version.bytes())
                .param("description", version.description()).param("licence", version.licence())
                .param("tags", " " + String.join(" ", version.tags()) + " ")
                .param("created", Timestamp.from(version.createdAt())).update();
    }

    /**
     * Notes which contents a version needs, of those that are there and were used since a time. Returns how many these are. Each statement
     * takes many of them, so that others of the owner do not wait for long.
     */
    int need(String owner, ModelVersion version, Set<String> contents, Instant since) {
        List<String> digests = List.copyOf(contents);
        int found = 0;
        for (int first = 0; first < digests.size(); first += CONTENTS_AT_ONCE) {
            found += sql("insert into model_content (owner, name, version, digest) select :owner, :name, :version, digest from content "
                    + "where digest in (:digests) and used_at >= :since", owner, version.name()).param("version", version.version())
                    .param("digests", digests.subList(first, Math.min(first + CONTENTS_AT_ONCE, digests.size())))
                    .param("since", Timestamp.from(since)).update();
        }
        return found;
    }

    /** Marks versions as deleted; {@code version} 0 means all. Returns how many have been changed. */
    int delete(String owner, String name, int version, Instant at) {
        return sql(
                "update model_version set deleted_at = :at where owner = :owner and name = :name and (:version = 0 or version = :version) "
                        + "and deleted_at is null",
                owner, name).param("version", version).param("at", Timestamp.from(at)).update();
    }

    /** The reverse of {@link #delete}. */
    int undelete(String owner, String name, int version) {
        return sql(
                "update model_version set deleted_at = null where owner = :owner and name = :name and (:version = 0 or version = :version) "
                        + "and deleted_at is not null",
                owner, name).param("version", version).update();
    }

    /** A model, by its owner and its name. */
    record Key(String owner, String name) {}

    /** A version that is deleted. */
    record Deleted(Key model, int version) {
        ModelNeeds.Need asNeed() {
            return new ModelNeeds.Need(model.owner, model.name + ":" + version);
        }
    }

    /** Versions that were deleted before a time, the earliest first. */
    List<Deleted> deleted(Instant before, int most) {
        return database.sql("select owner, name, version from model_version where deleted_at < :before order by deleted_at limit :most")
                .param("before", Timestamp.from(before)).param("most", most)
                .query((row, _) -> new Deleted(new Key(row.getString(1), row.getString(2)), row.getInt(3))).list();
    }

    /**
     * Removes the given versions of a model if they were deleted before a time, with the aliases that name them and the rows that say
     * which contents they need. To be called with a {@link #lock}: otherwise an alias could be removed that another transaction has just
     * moved to a new version.
     */
    void removeDeleted(Key model, Collection<Integer> versions, Instant before) {
        String these = " where owner = :owner and name = :name and version in (:versions) and ";
        sql("delete from model_version" + these + "deleted_at < :before", model.owner, model.name).param("versions", versions)
                .param("before", Timestamp.from(before)).update();
        for (String table : List.of("model_content", "model_alias")) {
            sql("delete from " + table + these + "not exists (select 1 from model_version v where v.owner = :owner and v.name = :name "
                    + "and v.version = " + table + ".version)", model.owner, model.name).param("versions", versions).update();
        }
    }

    /** What an owner has stored, and how many bytes that takes. */
    Usage usage(String owner) {
        return database.sql("select count(*), coalesce(sum(bytes), 0) from model_version where owner = :owner").param("owner", owner)
                .query((row, _) -> new Usage(row.getInt(1), row.getLong(2))).single();
    }

    record Usage(int versions, long bytes) {}

    Map<String, Integer> aliases(String owner, String name) {
        Map<String, Integer> aliases = new LinkedHashMap<>();
        sql("select alias, version from model_alias where owner = :owner and name = :name order by alias", owner, name)
                .query(row -> {
                    aliases.put(row.getString(1), row.getInt(2));
                });
        return aliases;
    }

    /** Makes an alias name another version, if it names one of {@code expected} now, or any version for −1. Returns whether it does. */
    boolean move(String owner, String name, String alias, int version, Set<Integer> expected) {
        return sql("update model_alias set version = :version where owner = :owner and name = :name and alias = :alias "
                + "and (-1 in (:expected) or version in (:expected))", owner, name).param("alias", alias).param("version", version)
                .param("expected", expected).update() > 0;
    }

    /** Throws {@link org.springframework.dao.DuplicateKeyException} if there is such an alias. */
    void addAlias(String owner, String name, String alias, int version) {
        sql("insert into model_alias (owner, name, alias, version) values (:owner, :name, :alias, :version)", owner, name)
                .param("alias", alias).param("version", version).update();
    }

    boolean removeAlias(String owner, String name, String alias, Set<Integer> expected) {
        return sql("delete from model_alias where owner = :owner and name = :name and alias = :alias and (-1 in (:expected) or "
                + "version in (:expected))", owner, name).param("alias", alias).param("expected", expected).update() > 0;
    }
}
