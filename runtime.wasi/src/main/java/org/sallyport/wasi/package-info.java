/** WASI preview 1 as host modules. */
@Export
@Version("0.1.0")
package org.sallyport.wasi;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
