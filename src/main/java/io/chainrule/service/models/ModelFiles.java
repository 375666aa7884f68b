package io.chainrule.service.models;

import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.service.run.Admission;
import io.chainrule.service.run.Budget;
import io.chainrule.service.store.Terms;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.util.FastByteArrayOutputStream;
import org.springframework.util.StreamUtils;

/**
 * Models as files: a zip with the definition in {@code model.json}, and each array that is kept in {@code values}, as NumPy saves it, named
 * by the SHA-256 of its elements.
 */
@Service
public class ModelFiles {
    private static final String DEFINITION = "model.json";
    private static final Pattern VALUES = Pattern.compile("values/([0-9a-f]{64})\\.npy");
    /** Of one version all files are the same, also in their bytes. */
    private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);
    private static final int LONGEST_DEFINITION = 1 << 26;
    private static final int PIECE = 1 << 16;
    private static final Duration MOST_TIME = Duration.ofMinutes(10);

    private final ModelService service;
    private final ModelPreparation preparation;
    private final Contents contents;
    private final DefinitionFormat format;
    private final Admission admission;
    private final ModelProperties limits;

    ModelFiles(ModelService service, ModelPreparation preparation, Contents contents, DefinitionFormat format, Admission admission,
            ModelProperties limits) {
        this.limits = limits;
        this.service = service;
        this.preparation = preparation;
        this.contents = contents;
        this.format = format;
        this.admission = admission;
    }

    /** Writes a version to a client, at whatever pace it reads. Throws {@link IOException} if it is removed meanwhile. */
    public void write(ModelVersion version, OutputStream out) throws IOException {
        Outline outline = outline(version);
        try {
            admission.aside(() -> {
                try (ZipOutputStream zip = new ZipOutputStream(StreamUtils.nonClosing(out))) {
                    zip.setLevel(Deflater.NO_COMPRESSION);
                    zip.putNextEntry(entry(DEFINITION));
                    zip.write(outline.json);
                    for (Map.Entry<String, Shape> values : outline.shapes.entrySet()) {
                        zip.putNextEntry(entry("values/" + values.getKey() + ".npy"));
                        zip.write(NpyHeaderBytes.of(values.getValue()));
                        contents.write(values.getKey(), zip);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** The definition in the form of a file, and the shapes of the arrays that follow it. */
    private record Outline(byte[] json, Map<String, Shape> shapes) {}

    /** A definition takes many times the memory of its outline. It is released before the file is sent, since clients may be slow. */
    private Outline outline(ModelVersion version) {
        try (Budget.Reservation reading = admission.reserve()) {
            ModelDefinition definition = service.definition(version);
            Outline outline = new Outline(format.write(version, definition), shapes(definition));
            // The shapes, with the digests by which they are known, take no more than the text in which they stand.
            reading.keep(2L * outline.json.length);
            return outline;
        }
    }

    private static ZipEntry entry(String name) {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(TIME);
        return entry;
    }

    /** The shapes of the arrays that are kept, by their digests. Arrays with the same elements have one file, with the first shape. */
    private static Map<String, Shape> shapes(ModelDefinition definition) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        definition.kept().values().forEach(value -> shapes.putIfAbsent(value.digest(), Shape.of(value.shape())));
        return shapes;
    }

    /**
     * Stores the model of a file as {@link ModelService#put} does. Throws {@link ProblemException} for what is wrong with it.
     */
    public ModelService.Stored put(String owner, String name, Path file, Consumer<Optional<ModelVersion>> expected) {
        ModelDefinition read = admission.scan(bytes(file), MOST_TIME, checkpoint -> definition(file, checkpoint));
        checkLengths(read);
        ModelDefinition definition = preparation.prepare(name, read);
        return admission.scan(3 * definition.keptBytes(), MOST_TIME,
                _ -> service.put(owner, name, definition, Terms.expecting(expected), added -> keep(file, shapes(definition), added)));
    }

    /** Kept values with the same digest share one array, so all must have its length. */
    private static void checkLengths(ModelDefinition definition) {
        Map<String, Shape> shapes = shapes(definition);
        List<Problem> mistakes = new ArrayList<>();
        definition.kept().forEach((name, value) -> {
            Shape first = Objects.requireNonNull(shapes.get(value.digest()));
            Shape shape = Shape.of(value.shape());
            if (shape.size() != first.size()) {
                mistakes.add(Problem.of(ProblemCode.INVALID_VALUE, "values of different lengths have one 'sha256'")
                        .at(Place.setting("kept", name, "shape")).expected(first.size() + " elements", shape.size() + " elements"));
            }
        });
        if (!mistakes.isEmpty()) {
            throw new ProblemException(mistakes);
        }
    }

    private static long bytes(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ModelDefinition definition(Path file, Checkpoint checkpoint) {
        byte[] json = within(file, zip -> {
            int entries = 0;
            long skipped = 0;
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().equals(DEFINITION)) {
                    return readDefinition(zip, checkpoint);
                }
                if (!VALUES.matcher(entry.getName()).matches() || ++entries > ModelDefinition.MOST_KEPT) {
                    throw unexpected(entry);
                }
                skipped = skip(zip, skipped, checkpoint);
            }
            throw refusal("the file has no '" + DEFINITION + "'", "a file that GET /v1/models/{name}/export answers", null);
        });
        long taken = (long) ModelLibrary.PER_BYTE * json.length;
        Budget.addToLatest(json.length + ModelLibrary.memory(json) - taken);
        return format.read(json);
    }

    /** Takes memory for each piece before the next one is unpacked: a small file may hold a long definition. */
    private static byte[] readDefinition(InputStream zip, Checkpoint checkpoint) throws IOException {
        FastByteArrayOutputStream json = new FastByteArrayOutputStream(PIECE);
        byte[] piece = new byte[PIECE];
        for (int read = zip.read(piece); read >= 0; read = zip.read(piece)) {
            checkpoint.check();
            if (json.size() + read > LONGEST_DEFINITION) {
                throw refusal("'" + DEFINITION + "' is too long", "at most " + LONGEST_DEFINITION + " bytes", "more");
            }
            Budget.addToLatest((long) ModelLibrary.PER_BYTE * read);
            json.write(piece, 0, read);
        }
        return json.toByteArrayUnsafe();
    }

    /** Reads an entry to its end, and adds its length to that of others; what unpacks to more than may be stored is refused before. */
    private long skip(InputStream zip, long before, Checkpoint checkpoint) throws IOException {
        byte[] piece = new byte[PIECE];
        long skipped = before;
        for (int read = zip.read(piece); read >= 0; read = zip.read(piece)) {
            checkpoint.check();
            skipped += read;
            if (skipped > limits.bytes()) {
                throw refusal("the file unpacks to more than may be stored",
                        "at most " + limits.bytes() + " bytes (chainrule.models.bytes)",
                        "more");
            }
        }
        return skipped;
    }

    /** Keeps the arrays of a file, all of which are expected, and no others. Nothing is stored before all of them are checked. */
    private void keep(Path file, Map<String, Shape> expected, Contents.Added added) {
        forEachArray(file, expected, Contents::check);
        forEachArray(file, expected, (digest, length, elements) -> contents.put(digest, length, elements, added));
    }

    /** What is done with the elements of an array. */
    private interface Elements {
        void accept(String digest, long length, InputStream elements);
    }

    private static void forEachArray(Path file, Map<String, Shape> expected, Elements elements) {
        Map<String, Shape> missing = new LinkedHashMap<>(expected);
        within(file, zip -> {
            boolean isDefined = false;
            int entries = 0;
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                var values = VALUES.matcher(entry.getName());
                Shape shape = values.matches() ? missing.remove(values.group(1)) : null;
                if (shape != null) {
                    checkHeader(shape, zip, entry);
                    elements.accept(values.group(1), Double.BYTES * shape.size(), zip);
                } else if (isDefined || !entry.getName().equals(DEFINITION)) {
                    throw unexpected(entry);
                } else {
                    isDefined = true;
                }
                entries++;
            }
            if (!ZipEnd.isThere(file, entries)) {
                throw refusal("the file does not end where the directory of its " + entries + " entries does",
                        "a file that GET /v1/models/{name}/export answers", null);
            }
            return true;
        });
        if (!missing.isEmpty()) {
            throw refusal("the file has not all values that the model keeps", "values/" + missing.keySet().iterator().next() + ".npy",
                    "none");
        }
    }

    private static void checkHeader(Shape shape, InputStream zip, ZipEntry entry) throws IOException {
        byte[] header = NpyHeaderBytes.of(shape);
        if (!Arrays.equals(zip.readNBytes(header.length), header)) {
            throw refusal("'" + entry.getName() + "' is not the array that '" + DEFINITION + "' tells",
                    "float64 of shape " + shape + ", in C order, as numpy.save writes it", null);
        }
    }

    /** Work that reads a zip. */
    private interface Reading<T> {
        T read(ZipInputStream zip) throws IOException;
    }

    private static <T> T within(Path file, Reading<T> reading) {
        try (ZipInputStream zip = new ZipInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            return reading.read(zip);
        } catch (UncheckedIOException e) {
            throw unreadable(e.getCause());
        } catch (IOException | IllegalArgumentException e) {
            throw unreadable(e);
        }
    }

    private static ProblemException unreadable(@Nullable Exception cause) {
        String message = cause instanceof EOFException ? "it ends too early" : cause instanceof ZipException ? cause.getMessage() : null;
        return refusal("the file cannot be read as a zip", "a file that GET /v1/models/{name}/export answers", message);
    }

    private static ProblemException unexpected(ZipEntry entry) {
        String name = entry.getName();
        return refusal("the file has an entry that does not belong there", DEFINITION + ", and values/….npy once for each array",
                name.length() > 100 ? name.substring(0, 100) + "…" : name);
    }

    private static ProblemException refusal(String message, @Nullable String expected, @Nullable String actual) {
        return new ProblemException(Problem.of(ProblemCode.INVALID_VALUE, message).expected(expected, actual));
    }
}
