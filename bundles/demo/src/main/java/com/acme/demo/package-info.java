/** The application's own interfaces: what it wants of plugins, and what it lets them use. */
@Export
@Version("0.1.0")
@NullMarked
package com.acme.demo;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
