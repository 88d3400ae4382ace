rule Broken { condition: nothing }
