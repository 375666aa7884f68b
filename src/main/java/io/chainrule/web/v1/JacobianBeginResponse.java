package io.chainrule.web.v1;

import java.util.List;
import java.util.Map;

/** What is known of Jacobians before their entries: the shape of each, and how many passes there are and entries at most. */
record JacobianBeginResponse(Map<String, Map<String, List<Integer>>> shapes, String mode, long passes, long entries) {}
