package io.chainrule.web.http;

/**
 * Requests whose bodies are JSON and have a limit of their own.
 *
 * @param path of these requests
 * @param bytes the longest of the bodies
 * @param property that sets this limit
 */
public record BodyRoute(String path, long bytes, String property) {}
