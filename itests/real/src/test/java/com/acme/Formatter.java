package com.acme;

/** What a formatter of dprint says. */
public interface Formatter {
    int dprint_plugin_version_4();
}
