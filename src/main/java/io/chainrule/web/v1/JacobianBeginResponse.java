package io.chainrule.web.v1;

import java.util.List;
import java.util.Map;

/** Begins a stream of Jacobians: the shape of each, the number of passes, and the most entries that can follow. */
record JacobianBeginResponse(Map<String, Map<String, List<Integer>>> shapes, String mode, long passes, long entries) {}
