package io.chainrule.service.datasets;

import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.service.store.StoreProperties;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Where files may be that clients name. A location is compared with the allowed roots by whole segments. Of files on this machine the real
 * path has to be below the real path of a root, so that no link leads out. There are no patterns, no steps up, no escapes, and no names of
 * users, queries or fragments in URLs.
 */
@Component
class Locations {
    private static final String FORM = "file:/…, s3a://bucket/… or hdfs://host:port/…";
    /** What the service needs to open a file, or the files of a folder. */
    static final String REACHED = "the service must be able to list each folder from the root to it";
    private static final String LOCAL = "file";
    private static final Pattern URL = Pattern.compile("(file|s3a|hdfs):(?://([A-Za-z0-9.:_-]*))?(/[^*?\\[\\]{}\\\\%#\\p{Cntrl}]*)");
    private static final Pattern UNSEEN = Pattern.compile("[._].*|.*[.]_COPYING_");
    private static final int LONGEST = 2_000;
    private static final int MOST_FILES = 10_000;

    private final List<Location> roots;
    private final List<Path> own;

    /** The parts of a URL, in their plain form. */
    record Location(String scheme, String authority, List<String> segments) {
        boolean isLocal() {
            return scheme.equals(LOCAL);
        }

        boolean contains(Location other) {
            return scheme.equals(other.scheme) && authority.equals(other.authority) && segments.size() <= other.segments.size()
                    && segments.equals(other.segments.subList(0, segments.size()));
        }

        Path path() {
            return Path.of("/" + String.join("/", segments));
        }

        @Override
        public String toString() {
            return scheme + ":" + (isLocal() ? "" : "//" + authority) + "/" + String.join("/", segments);
        }
    }

    Locations(DatasetProperties properties, StoreProperties store) {
        roots = properties.roots().stream().map(root -> parsed(root).orElseThrow(
                () -> new IllegalArgumentException("chainrule.datasets.roots has '" + root + "', which is none of " + FORM))).toList();
        own = Stream.of(store.folder(), properties.directory()).filter(Objects::nonNull).map(Path::toAbsolutePath).toList();
    }

    private static Optional<Location> parsed(String text) {
        Matcher parts = URL.matcher(text);
        if (text.length() > LONGEST || !parts.matches()) {
            return Optional.empty();
        }
        String authority = parts.group(2) == null ? "" : parts.group(2);
        String path = parts.group(3).endsWith("/") ? parts.group(3).substring(0, parts.group(3).length() - 1) : parts.group(3);
        List<String> segments = path.isEmpty() ? List.of() : Arrays.asList(path.substring(1).split("/", -1));
        boolean isPlain = segments.stream().noneMatch(segment -> segment.isEmpty() || segment.equals(".") || segment.equals(".."));
        return isPlain && parts.group(1).equals(LOCAL) == authority.isEmpty()
                ? Optional.of(new Location(parts.group(1), authority, segments))
                : Optional.empty();
    }

    /** Reads a location. Throws {@link ProblemException} if no allowed root contains it, or if it is for Spark, which does not see it. */
    Location read(String text) {
        Location location = parsed(text).orElseThrow(() -> refusal("a location is the plain URL of a file or a folder", FORM
                + ", without patterns, steps up, escapes, user, query or fragment", text, null));
        if (roots.stream().noneMatch(root -> root.contains(location))) {
            throw notAllowed(text);
        }
        if (text.codePoints().anyMatch(character -> Character.getType(character) == Character.SURROGATE)) {
            throw missing(location);
        }
        if (!location.isLocal() && !location.segments().isEmpty()) {
            checkSeenBySpark(location.segments().getLast());
        }
        return location;
    }

    /** Throws {@link ProblemException} if Spark ignores files of this name, even when it is asked for this file alone. */
    static void checkSeenBySpark(String name) {
        if (UNSEEN.matcher(name).matches()) {
            throw refusal("Spark leaves out files whose names begin with '.' or '_', or end with '._COPYING_'", "another name", name, null);
        }
    }

    /** The files at a location that was stored. Throws as {@link #read} and {@link #files}, and if it is not on this machine. */
    List<RowFile> local(String text) throws IOException {
        Location location = read(text);
        if (!location.isLocal()) {
            throw refusal("this engine reads files of this machine alone", "file:/…", text, "have the engine 'spark' read it");
        }
        return files(location);
    }

    private static ProblemException notAllowed(String text) {
        return refusal("nothing may be read there", "a location below one of chainrule.datasets.roots", text,
                "whoever runs the service says where files may be read; by default nowhere");
    }

    private static ProblemException refusal(String message, @Nullable String expected, @Nullable String actual, @Nullable String hint) {
        return new ProblemException(Problem.of(ProblemCode.INVALID_VALUE, message).at(Place.setting("location"))
                .expected(expected, actual).hint(hint));
    }

    /**
     * The files at a location on this machine, in the order of their names. A folder has only those that Spark reads, too. Throws
     * {@link ProblemException} if there are none, or if they are outside of the roots.
     */
    List<RowFile> files(Location location) throws IOException {
        RowFile named = real(path(location), location);
        if (!Files.isDirectory(named.path())) {
            return List.of(named);
        }
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(named.path())) {
            for (Path entry : entries) {
                String name = String.valueOf(entry.getFileName());
                if (!UNSEEN.matcher(name).matches()) {
                    files.add(entry);
                }
                if (files.size() > MOST_FILES) {
                    throw refusal("the folder has too many files", "at most " + MOST_FILES, "more", "put the rows into fewer files");
                }
            }
        }
        if (files.isEmpty()) {
            throw refusal("the folder has no files", "files of the format", location.toString(), null);
        }
        files.sort(Path::compareTo);
        List<RowFile> real = new ArrayList<>();
        Set<Path> seen = new HashSet<>();
        for (Path file : files) {
            RowFile found = real(file, location);
            if (!seen.add(found.path())) {
                throw refusal("two names in the folder mean the same file", "each file once", String.valueOf(file.getFileName()), null);
            }
            if (Files.isDirectory(found.path())) {
                throw refusal("the folder has folders", "files of one format alone", String.valueOf(file.getFileName()), null);
            }
            real.add(found);
        }
        return real;
    }

    private static Path path(Location location) {
        try {
            return location.path();
        } catch (InvalidPathException _) {
            // The file system has no name with such a character.
            throw missing(location);
        }
    }

    /** The problem of a file that is not there, or that the service may not reach. */
    static ProblemException missing(Location location) {
        return refusal("there is no such file", "a file or a folder that the service may read", location.toString(),
                REACHED);
    }

    private RowFile real(Path path, Location location) throws IOException {
        Path real;
        try {
            real = path.toRealPath();
        } catch (IOException _) {
            if (roots.stream().anyMatch(root -> root.contains(location) && Files.exists(root.path()))) {
                // Otherwise the answer would tell which files there are behind a link that leads out.
                root(reached(path), location);
            }
            throw missing(location);
        }
        Path root = root(real, location);
        if (!Files.isReadable(real) || !Files.isDirectory(real) && !Files.isRegularFile(real)) {
            throw missing(location);
        }
        return new RowFile(real, root);
    }

    /** The real path of the deepest folder that is there on the way to a file that is not; null if a link on that way leads to nothing. */
    private static @Nullable Path reached(Path path) {
        Path at = path;
        while (at != null && !Files.isSymbolicLink(at)) {
            at = at.getParent();
            try {
                return at == null ? null : at.toRealPath();
            } catch (IOException _) {
                // This folder is not there either.
            }
        }
        return null;
    }

    /** The real path of the allowed root that contains a real path. Throws {@link ProblemException} if none does, or if it is null. */
    private Path root(@Nullable Path real, Location location) throws IOException {
        Path allowed = null;
        for (Location root : roots) {
            if (real != null && root.contains(location) && Files.exists(root.path()) && real.startsWith(root.path().toRealPath())) {
                allowed = root.path().toRealPath();
            }
        }
        boolean isOwn = false;
        for (Path folder : own) {
            isOwn |= real != null && Files.exists(folder) && real.startsWith(folder.toRealPath());
        }
        if (allowed == null || isOwn) {
            throw notAllowed(location.toString());
        }
        return allowed;
    }
}
