/** The embedding API. */
@Export
@NullMarked
@Version("0.1.0")
package org.sallyport;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
