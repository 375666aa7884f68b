package io.chainrule.service.datasets;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file of results that the service has written in a draft, all rows of which have the same columns.
 *
 * @param path where it is now
 * @param sha256 in hexadecimal
 * @param columns the shapes of the cells, by the names of the columns, which a file without rows does not tell
 * @param lines where its lines begin; null for Parquet, whose footer tells where its rows are
 */
public record WrittenFile(DatasetFormat format, Path path, long bytes, String sha256, Map<String, List<Integer>> columns,
        @Nullable WrittenLines lines) {}
