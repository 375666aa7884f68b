package io.chainrule.core.expression;

import java.util.List;

/** What a loop runs over: the values of one or several names, which are numbers or items of arrays. */
sealed interface Iteration {
    /** The number of passes. */
    long count();

    /** The value of the name with this number in a pass. */
    Object value(int name, long pass);

    /** The number of names. */
    default int width() {
        return 1;
    }

    /** Part of an array. */
    record Item(int array, long index) {}

    /** The whole numbers from {@code start} to {@code stop}, exclusive. */
    record Range(long start, long stop, long step) implements Iteration {
        @Override
        public long count() {
            long distance = step > 0 ? stop - start : start - stop;
            return Math.max(0, Math.ceilDiv(distance, Math.abs(step)));
        }

        @Override
        public Double value(int name, long pass) {
            return (double) (start + pass * step);
        }
    }

    /** The items of an array along its first axis. */
    record Items(int array, long count) implements Iteration {
        @Override
        public Item value(int name, long pass) {
            return new Item(array, pass);
        }
    }

    /** The items of a list of numbers. */
    record Numbers(List<?> numbers) implements Iteration {
        @Override
        public long count() {
            return numbers.size();
        }

        @Override
        public Object value(int name, long pass) {
            return numbers.get((int) pass);
        }
    }

    /** Python's {@code zip}: as long as the shortest. */
    record Zip(List<Iteration> parts) implements Iteration {
        @Override
        public long count() {
            return parts.stream().mapToLong(Iteration::count).min().orElse(0);
        }

        @Override
        public int width() {
            return parts.stream().mapToInt(Iteration::width).sum();
        }

        @Override
        public Object value(int name, long pass) {
            int first = 0;
            for (Iteration part : parts) {
                if (name < first + part.width()) {
                    return part.value(name - first, pass);
                }
                first += part.width();
            }
            throw new IndexOutOfBoundsException(name);
        }
    }

    /** The same from the last to the first. */
    record Reversed(Iteration forward) implements Iteration {
        @Override
        public long count() {
            return forward.count();
        }

        @Override
        public int width() {
            return forward.width();
        }

        @Override
        public Object value(int name, long pass) {
            return forward.value(name, count() - 1 - pass);
        }
    }
}
