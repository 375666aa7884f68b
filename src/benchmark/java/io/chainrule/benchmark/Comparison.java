package io.chainrule.benchmark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A piece of work, and who does it. The first contender is ours; all others must come to the same numbers.
 *
 * @param row the row of the table, a letter
 * @param work what is done
 * @param threads how many threads each contender may use
 * @param isLong whether one run takes seconds, so that one round is enough
 * @param tolerance how far results may differ, relative to the largest of them
 */
record Comparison(String row, String work, int threads, boolean isLong, double tolerance, Map<String, Supplier<Contender>> contenders,
        List<Target> targets) {
    static final String OURS = "ours";

    /** How fast ours is to be: {@code least} times as fast as the peer. A peer without a target is there to look at. */
    record Target(String peer, double least) {}

    String id() {
        return row + ": " + work + ", " + threads + (threads == 1 ? " thread" : " threads");
    }

    double least(String peer) {
        return targets.stream().filter(target -> target.peer().equals(peer)).mapToDouble(Target::least).findFirst().orElse(Double.NaN);
    }

    Contender start(String contender) {
        Supplier<Contender> supplier = contenders.get(contender);
        if (supplier == null) {
            throw new IllegalArgumentException("'" + id() + "' has no contender '" + contender + "', it has " + contenders.keySet());
        }
        return supplier.get();
    }

    List<String> peers() {
        return contenders.keySet().stream().filter(name -> !name.equals(OURS)).toList();
    }

    /** Throws {@link IllegalStateException} where a peer came to other numbers than ours. */
    void requireEqual(String peer, double[] expected, double[] theirs) {
        if (expected.length != theirs.length) {
            throw new IllegalStateException(peer + " answers " + theirs.length + " numbers, ours " + expected.length);
        }
        double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(expected[i] - theirs[i]) <= tolerance * largest)) {
                throw new IllegalStateException("number " + i + " is " + theirs[i] + " of " + peer + ", " + expected[i] + " of ours");
            }
        }
    }

    /** Begins a comparison of ours, which {@code ours} starts. */
    static Builder of(String row, String work, Supplier<Contender> ours) {
        return new Builder(row, work).contender(OURS, ours);
    }

    static final class Builder {
        private final String row;
        private final String work;
        private int threads = 1;
        private boolean isLong;
        private double tolerance = 1e-9;
        private final Map<String, Supplier<Contender>> contenders = new LinkedHashMap<>();
        private final List<Target> targets = new ArrayList<>();

        private Builder(String row, String work) {
            this.row = row;
            this.work = work;
        }

        private Builder contender(String name, Supplier<Contender> contender) {
            contenders.put(name, contender);
            return this;
        }

        /** Adds a peer that ours is to be {@code least} times as fast as. */
        Builder peer(String name, double least, Supplier<Contender> peer) {
            targets.add(new Target(name, least));
            return contender(name, peer);
        }

        /** Adds a peer without a target. */
        Builder peer(String name, Supplier<Contender> peer) {
            return contender(name, peer);
        }

        Builder threads(int number) {
            threads = number;
            return this;
        }

        Builder isLong(boolean takesSeconds) {
            isLong = takesSeconds;
            return this;
        }

        Builder tolerance(double relative) {
            tolerance = relative;
            return this;
        }

        Comparison build() {
            return new Comparison(row, work, threads, isLong, tolerance, contenders, List.copyOf(targets));
        }
    }
}
