package io.chainrule.spark;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/** Looks at files before their rows are read, as the service does at those of its own machine. */
final class Locations {
    private static final Pattern LEFT_OUT = Pattern.compile("[._].*|.*[.]_COPYING_");

    /** So many files are looked at at once, since what takes long is the way to the storage. */
    private static final int AT_ONCE = 16;
    private static final int LONGEST_HEADER = 1 << 24;

    private Locations() {}

    /**
     * The files at a location, in the order of their names. Spark itself would read what is in some folders within, and leave out others.
     * Throws {@link DataException} if there are any, or if there is no file.
     */
    static List<String> files(String location, Configuration hadoop) {
        List<String> files = new ArrayList<>();
        Path path = new Path(location);
        try {
            for (FileStatus found : path.getFileSystem(hadoop).listStatus(path)) {
                String name = found.getPath().getName();
                if (LEFT_OUT.matcher(name).matches()) {
                    continue;
                }
                if (found.isDirectory()) {
                    throw new DataException("the folder has folders", "files of one format alone", name, null, null);
                }
                files.add(found.getPath().toString());
            }
        } catch (FileNotFoundException _) {
            throw DataException.noFile();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (files.isEmpty()) {
            throw DataException.noFiles(location);
        }
        files.sort(null);
        return files;
    }

    /** What there is in each file, in their order. */
    static <T> List<T> each(List<String> files, Function<String, T> look) throws InterruptedException {
        ExecutorService readers = Executors.newFixedThreadPool(AT_ONCE);
        try {
            List<Future<T>> all = new ArrayList<>();
            files.forEach(file -> all.add(readers.submit(() -> look.apply(file))));
            List<T> found = new ArrayList<>();
            for (Future<T> one : all) {
                found.add(one.get());
            }
            return found;
        } catch (ExecutionException e) {
            throw new IllegalStateException("the files cannot be looked at", e);
        } finally {
            readers.shutdownNow();
        }
    }

    /** The first line that is not blank, and those after it in which a quote is open. Throws {@link DataException} if there is none. */
    static String header(String file, Configuration hadoop) {
        Path path = new Path(file);
        try (InputStream in = new BufferedInputStream(path.getFileSystem(hadoop).open(path))) {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            boolean isQuoted = false;
            int one = in.read();
            for (; one >= 0 && (one != '\n' || isQuoted || line.size() == 0) && line.size() < LONGEST_HEADER; one = in.read()) {
                isQuoted ^= one == '"';
                if (one > ' ' || line.size() > 0) {
                    line.write(one);
                }
            }
            if (line.size() == 0) {
                throw new DataException("the file is empty", "a line with the names of the columns", path.getName(), null, null);
            }
            return line.toString(StandardCharsets.ISO_8859_1);
        } catch (FileNotFoundException _) {
            throw DataException.noFile();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
