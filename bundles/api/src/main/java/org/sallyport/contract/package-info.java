/**
 * Java interfaces and values as guests see them: which methods an interface asks for, which wasm type stands for a Java
 * type, how values cross (docs/plugin-abi.md), and the classes that implement interfaces.
 *
 * <p>For the engine, which binds instances and defines host functions, and for the plugin host, which does the same through
 * pools and grants. Embedders need {@code org.sallyport} instead.
 */
@Export
@NullMarked
@Version("0.1.0")
package org.sallyport.contract;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
