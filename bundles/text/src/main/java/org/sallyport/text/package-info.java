/** The WebAssembly text format. */
@Export
@Version("0.1.0")
package org.sallyport.text;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
