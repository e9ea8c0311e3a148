/** Interfaces of an imagined application: what its plugins implement, and what its host modules offer. */
@Export
@Version("1.0.0")
package com.acme.itests;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
