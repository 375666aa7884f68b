package io.chainrule.core.kernel.simd;

import io.chainrule.core.kernel.Blocks;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/** The length of vectors. It is a constant, because C2 turns calls of the Vector API into instructions only if it knows the length. */
final class Species {
    /**
     * The system property that sets the bits of a vector. Without it, vectors are the longest that the machine supports, up to the {@link
     * Blocks#LANES} numbers that a sum has lanes. No result depends on it; tests show that by setting it.
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
