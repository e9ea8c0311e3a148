;; paint(pixels, width): black and white, by what the eye takes for bright.
(module $grey
  (memory (export "memory") 2)
  (func (export "sallyport_alloc") (param $size i32) (result i32) (i32.const 1024))
  (func $times (param $channel i32) (param $weight i32) (result i32)
    (i32.mul (i32.load8_u (local.get $channel)) (local.get $weight)))
  (func (export "paint") (param $pixels i32) (param $length i32) (param $width i32) (result i64)
    (local $at i32) (local $grey i32)
    (local.set $at (local.get $pixels))
    (loop $each
      (local.set $grey
        (i32.shr_u
          (i32.add
            (call $times (local.get $at) (i32.const 77))
            (i32.add
              (call $times (i32.add (local.get $at) (i32.const 1)) (i32.const 150))
              (call $times (i32.add (local.get $at) (i32.const 2)) (i32.const 29))))
          (i32.const 8)))
      (i32.store8 (local.get $at) (local.get $grey))
      (i32.store8 offset=1 (local.get $at) (local.get $grey))
      (i32.store8 offset=2 (local.get $at) (local.get $grey))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $each (i32.lt_u (local.get $at) (i32.add (local.get $pixels) (local.get $length)))))
    (i64.or
      (i64.shl (i64.extend_i32_u (local.get $pixels)) (i64.const 32))
      (i64.extend_i32_u (local.get $length)))))
