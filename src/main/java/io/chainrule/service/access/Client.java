package io.chainrule.service.access;

/**
 * Who sent a request.
 *
 * @param name the id of a key, the subject of a token, or an address; with a prefix that says which
 * @param quotas how much it may have
 */
public record Client(String name, Quotas quotas) {}
