/** The program beside its peers: PyTorch, OpenBLAS, Hipparchus, Jackson, a bare Spring service and loops written by hand. */
@org.jspecify.annotations.NullMarked
package io.chainrule.benchmark;
