package io.chainrule.core.rewrite;

import java.util.BitSet;

/** A circuit that was found: the operands of its gate, the axes that it works along, and all its nodes except the last, in order. */
record Match(int[] operands, BitSet axes, int[] inside) {}
