package io.chainrule.core.rows;

import io.chainrule.core.tensor.Shape;
import java.util.List;

/** From which columns of a data set an input of a program gets its value in each row. */
public sealed interface RowInput {
    /** The name of the input. */
    String input();

    /** The names of the columns. */
    List<String> columns();

    /** The shape of the input in one row. */
    Shape shape();

    /** A scalar input, from the number in a column. */
    record Scalar(String input, String column) implements RowInput {
        @Override
        public List<String> columns() {
            return List.of(column);
        }

        @Override
        public Shape shape() {
            return Shape.SCALAR;
        }
    }

    /** A vector, from the numbers in several columns, in their order. */
    record Vector(String input, List<String> columns) implements RowInput {
        public Vector {
            columns = List.copyOf(columns);
        }

        @Override
        public Shape shape() {
            return Shape.of(columns.size());
        }
    }

    /** An array, from a column whose cells are arrays of this shape, which has at least one axis. */
    record Array(String input, String column, Shape shape) implements RowInput {
        @Override
        public List<String> columns() {
            return List.of(column);
        }
    }
}
