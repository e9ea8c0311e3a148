/**
 * Policies of the Open Policy Agent, compiled to WebAssembly (ABI 1), as Java services: {@link org.sallyport.opa.Policy}.
 */
@Export
@Version("1.0.0")
package org.sallyport.opa;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
