package io.chainrule.service.datasets;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file of results that the service has written in a draft, all rows of which have the same columns.
 *
 * @param path where it is now
 * @param sha256 in hexadecimal
 * @param lines where its lines begin; null for Parquet, whose footer tells where its rows are
 */
public record WrittenFile(DatasetFormat format, Path path, long bytes, String sha256, @Nullable WrittenLines lines) {}
