package io.chainrule.benchmark;

import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is to be measured.
 *
 * @param rows letters of rows; all of them if there is none
 * @param isQuick whether one round is enough
 * @param folder where the build puts its files
 * @param jar the service
 */
record Settings(Set<String> rows, boolean isQuick, Path folder, Path jar) {
    static Settings of(String rows, String isQuick, String folder, String jar) {
        Set<String> letters = rows.equals("all") ? Set.of() : Stream.of(rows.split(",")).map(String::strip).collect(Collectors.toSet());
        return new Settings(letters, !isQuick.equals("false"), Path.of(folder), Path.of(folder, jar));
    }

    boolean includes(String row) {
        return rows.isEmpty() || rows.contains(row);
    }

    int rounds() {
        return isQuick ? 1 : 3;
    }
}
