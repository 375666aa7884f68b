/**
 * Programs as clients write them, text or node lists, to graphs and back.
 *
 * <p>A text is in the notation of NumPy: one statement a line, the last one is the output. Time and memory
 * grow with the text as it is when functions and loops are written out, which is limited; nothing recurses over it.
 *
 * <p>A statement that only names a node, {@code f = x}, makes none: {@code f} is an alias of {@code x}, which keeps its
 * id, as in JAX, where both are one value. So is {@code output} where the last statement is a bare name.
 *
 * <p>A function {@code f(a, b) = a * b} is written out at each call. As in Python its parameters hide other names, other
 * names in its body mean what they mean where it is called, the latest definition counts, and it hides an op of its
 * name. A loop {@code for i in 0:10} is written out pass by pass; its variable is a number, which it keeps after the loop.
 */
@NullMarked
package io.chainrule.core.expression;

import org.jspecify.annotations.NullMarked;
