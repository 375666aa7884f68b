package io.chainrule.service.datasets;

import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.service.datasets.RowReader.Kind;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.LongConsumer;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/** Splits JSON Lines into rows, one a line, and their cells. Lines of white space alone are no rows. */
final class JsonRows implements Closeable {
    private static final int FIRST = 64;
    /** Of memory, for each byte of a text: the parser's characters, those of a string, and the text without escapes. */
    private static final long BYTES_A_BYTE_OF_TEXT = 5;

    final ByteWindow window;
    /**
     * Parsers of one factory share a table of the names that were read. If names of one client collide in it, parsers fail, so that each
     * file has its own.
     */
    private final JsonFactory json = JsonFactory.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();
    private final LongConsumer growth;
    private long charged;
    /** Returns the place of a column by its name; −1 if its cells are not wanted. */
    private final ToIntFunction<String> places;
    private int lineEnd;
    private int after;
    private int[] from = new int[FIRST];
    private int[] to = new int[FIRST];
    private Kind[] kinds = new Kind[FIRST];
    /** In which row a cell was set last. */
    private long[] set = new long[FIRST];
    private long rows;
    /** Where the row begins in the file. */
    long position;
    /** The line of the row, counted from that in which reading began, from 1. */
    long line;
    /** Whether the line ends before its object does. */
    boolean isCut;
    /** What may help against what is wrong with the row; null if nothing is known. */
    @Nullable
    String hint;
    /** A name that the row has twice; null if there is none. */
    @Nullable
    String twice;

    JsonRows(RowFile file, long from, LongConsumer growth, Checkpoint checkpoint, ToIntFunction<String> places)
            throws IOException {
        this.growth = growth;
        window = new ByteWindow(file, from, growth, checkpoint);
        this.places = places;
    }

    /** Goes to the next line that is not blank; returns whether there is one. If it is too long, {@link #line} is its number. */
    boolean nextLine() throws IOException {
        while (true) {
            line++;
            window.start = after;
            int at = window.start;
            while (true) {
                while (window.bytes[at] != '\n') {
                    at++;
                }
                if (at < window.end || window.isLast) {
                    break;
                }
                int seen = at - window.start;
                window.fill();
                at = window.start + seen;
            }
            lineEnd = at;
            position = window.position();
            after = Math.min(at + 1, window.end);
            if (!isBlank()) {
                rows++;
                return true;
            }
            if (window.start == window.end) {
                return false;
            }
        }
    }

    private boolean isBlank() {
        for (int i = window.start; i < lineEnd; i++) {
            if (window.bytes[i] > ' ' || window.bytes[i] < 0) {
                return false;
            }
        }
        return true;
    }

    /** The place behind the line, in the bytes of the window. */
    int lineEnd() {
        return lineEnd;
    }

    /** Reads the cells of the line. Returns what is wrong with it, or null. */
    @Nullable
    String read() throws IOException {
        twice = null;
        isCut = false;
        hint = null;
        try (JsonParser parser = json.createParser(ObjectReadContext.empty(), window.bytes, window.start, lineEnd - window.start)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return "it is no object";
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                int place = places.applyAsInt(name);
                JsonToken value = parser.nextToken();
                if (place < 0) {
                    parser.skipChildren();
                } else {
                    room(place);
                    if (set[place] == rows) {
                        twice = name;
                    }
                    set[place] = rows;
                    cell(parser, value, place);
                }
            }
            int behind = window.start + (int) parser.currentLocation().getByteOffset();
            if (parser.nextToken() == null) {
                return null;
            }
            if (window.bytes[behind] == '\r' && window.bytes[behind + 1] != '\n') {
                hint = CsvScan.LINE_ENDS;
            }
            return "something follows the object";
        } catch (StreamConstraintsException e) {
            return beyond(e.getOriginalMessage());
        } catch (JacksonException e) {
            // The parser throws several types of exceptions where its input ends, which have these words in common.
            isCut = e.getOriginalMessage().startsWith("Unexpected end-of-input");
            return isCut ? "its line ends before it does" : e.getOriginalMessage();
        }
    }

    /** Says which limit of the parser a row exceeds. The parser says it with names of its methods. */
    private String beyond(String message) {
        StreamReadConstraints limits = json.streamReadConstraints();
        if (message.startsWith("Number")) {
            hint = "a double keeps about 17 digits; outside of arrays, a longer number may be written as a text";
            return "a number has more than " + limits.getMaxNumberLength() + " digits";
        }
        return message.startsWith("Document nesting")
                ? "arrays and objects are nested deeper than " + limits.getMaxNestingDepth()
                : "a name has more than " + limits.getMaxNameLength() + " bytes";
    }

    private void cell(JsonParser parser, JsonToken value, int place) throws IOException {
        int begin = window.start + (int) parser.currentTokenLocation().getByteOffset();
        kinds[place] = switch (value) {
            case VALUE_NULL -> Kind.MISSING;
            case START_OBJECT -> Kind.OTHER;
            default -> Kind.TEXT;
        };
        if (value == JsonToken.VALUE_STRING) {
            string(parser, place, begin);
            return;
        }
        parser.skipChildren();
        from[place] = begin;
        to[place] = window.start + (int) parser.currentLocation().getByteOffset();
    }

    private void string(JsonParser parser, int place, int begin) throws IOException {
        // The parser has not looked for the end of the text yet, which is in this line.
        long most = memory(lineEnd - begin);
        if (most > charged) {
            growth.accept(most - charged);
            charged = most;
        }
        String text = parser.getString();
        from[place] = begin + 1;
        to[place] = window.start + (int) parser.currentLocation().getByteOffset() - 1;
        for (int i = from[place]; i < to[place]; i++) {
            if (window.bytes[i] == '\\') {
                // What was escaped is never shorter than what it stands for, and the parser is done with it.
                byte[] plain = text.getBytes(StandardCharsets.UTF_8);
                System.arraycopy(plain, 0, window.bytes, from[place], plain.length);
                to[place] = from[place] + plain.length;
                break;
            }
        }
        // Spark reads objects as texts, and would not know one from a text that begins as objects do.
        if (to[place] > from[place] && window.bytes[from[place]] == '{') {
            kinds[place] = Kind.OTHER;
        }
    }

    /** The bytes of memory that a text takes which has at most so many bytes. */
    static long memory(long bytes) {
        return BYTES_A_BYTE_OF_TEXT * bytes;
    }

    private void room(int place) {
        if (place >= from.length) {
            int length = Math.max(place + 1, 2 * from.length);
            from = Arrays.copyOf(from, length);
            to = Arrays.copyOf(to, length);
            kinds = Arrays.copyOf(kinds, length);
            set = Arrays.copyOf(set, length);
        }
    }

    Kind kind(int place) {
        return place < set.length && set[place] == rows ? kinds[place] : Kind.MISSING;
    }

    int from(int place) {
        return from[place];
    }

    int to(int place) {
        return to[place];
    }

    @Override
    public void close() throws IOException {
        window.close();
    }
}
