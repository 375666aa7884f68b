package io.chainrule.web.json;

import io.chainrule.core.tensor.Tensor;

/** A tensor of an answer, and how it is to be written. */
public record EncodedTensor(Tensor tensor, ArrayForm form) {}
