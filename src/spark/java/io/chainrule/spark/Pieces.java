package io.chainrule.spark;

import java.io.Serial;
import java.io.Serializable;
import java.util.List;

/** The pieces of files, each of which is a partition. In arrays of numbers, since every task reads all of them. */
final class Pieces implements Serializable {
    @Serial
    private static final long serialVersionUID = 1L;

    private final int[] numbers;
    private final int[] groups;
    private final Cells[] cells;

    /**
     * @param order the partitions in the order of the rows
     * @param groups which files that are read together a partition is of
     * @param cells reads the cells of a group's rows
     */
    Pieces(int[] order, int[] groups, List<Cells> cells) {
        numbers = new int[order.length];
        for (int number = 0; number < order.length; number++) {
            numbers[order[number]] = number;
        }
        this.groups = groups.clone();
        this.cells = cells.toArray(Cells[]::new);
    }

    int count() {
        return numbers.length;
    }

    /** The place of a partition's piece in the order of the rows. */
    int number(int partition) {
        return numbers[partition];
    }

    /** Reads the cells of a partition's rows. */
    Cells cells(int partition) {
        return cells[groups[partition]];
    }

    /** The partition of each piece. */
    int[] partitions() {
        int[] partitions = new int[numbers.length];
        for (int partition = 0; partition < numbers.length; partition++) {
            partitions[numbers[partition]] = partition;
        }
        return partitions;
    }
}
