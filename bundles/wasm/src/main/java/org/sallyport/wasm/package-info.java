/**
 * The vocabulary of WebAssembly 3.0, which every other part speaks, in the words of the specification.
 *
 * <p>Types: {@link org.sallyport.wasm.ValType} and its kinds, {@link org.sallyport.wasm.FuncType}, {@link
 * org.sallyport.wasm.MemoryType}, {@link org.sallyport.wasm.TableType}, {@link org.sallyport.wasm.GlobalType}, {@link
 * org.sallyport.wasm.SubType}. Instructions: {@link org.sallyport.wasm.Opcode} has one row for each, {@link
 * org.sallyport.wasm.CodeReader} reads a body by these rows. Modules: {@link org.sallyport.wasm.WasmModule} is what a binary
 * says, decoded and unproven. Proposals that can be switched: {@link org.sallyport.wasm.Feature}. Faults of the binary
 * grammar: {@link org.sallyport.wasm.Malformed}.
 */
@NullMarked
@Export
@Version("0.1.0")
package org.sallyport.wasm;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
