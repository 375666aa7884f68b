package io.chainrule.service.datasets;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The formats of files that hold data sets. */
public enum DatasetFormat {
    /** Comma-separated values (RFC 4180) in UTF-8, with the columns' names in the first line. */
    CSV("text/csv"),
    /** A JSON object in each line (jsonlines.org). */
    JSONL("application/x-ndjson", "application/jsonl"),
    /** Apache Parquet. */
    PARQUET("application/vnd.apache.parquet"),
    /** An array as NumPy saves it; its first axis are the rows. */
    NPY("application/x-npy");

    private final List<String> mediaTypes;

    DatasetFormat(String... mediaTypes) {
        this.mediaTypes = List.of(mediaTypes);
    }

    /** The media types of such files; the first is the usual one. */
    public List<String> mediaTypes() {
        return mediaTypes;
    }

    /** As clients write it, which is also how names of such files end. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<DatasetFormat> of(String text) {
        return Arrays.stream(values()).filter(format -> format.text().equals(text)).findFirst();
    }

    static DatasetFormat named(String text) {
        return of(text).orElseThrow(() -> new IllegalStateException("no format is called " + text));
    }
}
