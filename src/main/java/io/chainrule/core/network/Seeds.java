package io.chainrule.core.network;

import java.nio.charset.StandardCharsets;

/** Derives a seed for each name from the seed of a network. */
final class Seeds {
    private static final long FNV_OFFSET = 0xCBF29CE484222325L;
    private static final long FNV_PRIME = 0x100000001B3L;

    private Seeds() {}

    /**
     * FNV-1a (Fowler, Noll and Vo, 1991) of the name in UTF-8, added to the seed, and mixed as in SplitMix64, so that similar seeds give
     * unrelated ones.
     */
    static long of(long seed, String name) {
        long hash = FNV_OFFSET;
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ b & 0xFF) * FNV_PRIME;
        }
        return mixed(mixed(seed) + hash);
    }

    private static long mixed(long state) {
        long z = (state ^ state >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
