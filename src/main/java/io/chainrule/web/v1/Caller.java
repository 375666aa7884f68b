package io.chainrule.web.v1;

import io.chainrule.service.models.Models;

/**
 * Who has a program run.
 *
 * @param owner who owns what is stored
 * @param mayStore whether models may be stored
 * @param models that the program may call
 */
public record Caller(String owner, boolean mayStore, Models models) {}
