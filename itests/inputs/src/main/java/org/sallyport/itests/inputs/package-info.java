/** WebAssembly that other people published, for tests and benchmarks. */
package org.sallyport.itests.inputs;
