;; A plug-in against Extism's kernel: its input from behind.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (import "extism:host/env" "input_length" (func $length (result i64)))
  (import "extism:host/env" "input_load_u8" (func $input (param i64) (result i32)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (func (export "mirror") (result i32)
    (local $at i64) (local $i i64)
    (local.set $at (call $alloc (call $length)))
    (block $done (loop $next
      (br_if $done (i64.eq (local.get $i) (call $length)))
      (call $store
        (i64.add (local.get $at) (i64.sub (i64.sub (call $length) (local.get $i)) (i64.const 1)))
        (call $input (local.get $i)))
      (local.set $i (i64.add (local.get $i) (i64.const 1)))
      (br $next)))
    (call $output (local.get $at) (call $length))
    (i32.const 0)))
