package io.chainrule.web.v1;

import io.chainrule.web.json.EncodedTensor;

/** Some entries of the Jacobian of one node by another. */
record JacobianEntriesResponse(String of, String wrt, int[][] indices, EncodedTensor values) {}
