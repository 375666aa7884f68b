package io.chainrule.core.kernel.simd;

import io.chainrule.core.kernel.Blocks;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/** How long vectors are; a constant, so that the compiler makes instructions of the Vector API's calls. */
final class Species {
    /**
     * Bits of a vector. Absent, it is the widest that the machine works on at once, up to the number of lanes of a sum. No result
     * depends on it, which tests show by setting it.
     */
    static final String PROPERTY = "chainrule.vector-bits";
    static final VectorSpecies<Double> OF = species(Integer.getInteger(PROPERTY, 0));
    static final int LENGTH = OF.length();

    private Species() {}

    private static VectorSpecies<Double> species(int bits) {
        return switch (bits) {
            case 0 -> DoubleVector.SPECIES_PREFERRED.length() > Blocks.LANES ? DoubleVector.SPECIES_512 : DoubleVector.SPECIES_PREFERRED;
            case 128 -> DoubleVector.SPECIES_128;
            case 256 -> DoubleVector.SPECIES_256;
            case 512 -> DoubleVector.SPECIES_512;
            default -> throw new IllegalArgumentException(PROPERTY + " is 128, 256 or 512, not " + bits);
        };
    }
}
